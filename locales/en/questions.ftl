topics = What would you like to know? You can also just type your question.
not_ours = I can't help with that: I only handle after-sales for this shop. You can see common questions or talk to a person.
unsure = Which of these do you mean?
unknown = I didn't understand that, and I have no fitting answer. Try other words, or talk to a person.
person_called = I couldn't follow, so I've asked a colleague to read this chat. No need to repeat anything; they'll answer here.
contact = { $label }: { $value }{ $hours } (checked on { $day })
contact_unverified = { $label }: { $value }{ $hours } (please check it in the Kuaishou app)
waits_for_us = Waiting is no fun. Above is where it stands and the latest date. If you mean another order, please send me its number.
