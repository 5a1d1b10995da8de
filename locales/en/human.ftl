called = Sure. A colleague has your request and can see this whole chat, so there's no need to repeat anything. They'll answer here; you can leave and come back.
complaint = We've got your complaint. A colleague has it with this whole chat and will answer here; you can leave and come back.
danger = Your safety comes first: please see a doctor if you feel unwell. A colleague has this with priority and will answer here.
called_off = All right, I've told the colleague you don't need them now. Your requests go on as before.
waiting = A colleague has your request and answers in turn. You needn't wait here: the answer stays in this chat.
hours = People are here { $hours }.
