called = Sure. A colleague has your request and can see this whole chat, so there's no need to repeat anything. They'll answer here; you can leave and come back.
complaint = We've got your complaint. A colleague has it with this whole chat and will answer here; you can leave and come back.
danger = Your safety comes first: please see a doctor if you feel unwell. A colleague has this with priority and will answer here.
hours = People are here { $hours }.
