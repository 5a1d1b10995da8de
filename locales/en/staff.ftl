opened =
    🆕 { $number }
    Order: { $order }
    Reason: { $reason }
    Wish: { $wish }
    Evidence: { $photos }
    To be answered by { $day }, 24:00 Beijing time
said = 💬 Customer: { $words }
explained = 💬 The customer explained: { $words }
photos_added = 📷 Evidence added: { $photos }
photo_refused = ⚠️ A file could not be opened; the customer was asked for it again
approved = ✅ { $agent } approved a refund of { $amount }
rejected = ⛔ { $agent } did not approve: { $reason }
asked_for_more = ❓ { $agent } asked for: { $what }
refunded = 💰 { $agent } noted the refund of { $amount }
replied = ↩️ { $agent } replied: { $words }
withdrawn = ↪️ The customer withdrew the request
promise_missed = ⚠️ The promised day is over
review_resumed = ▶️ What was asked for has come; under review again
person_asked_for = 🙋 The customer wants a person
complained = 🙋 The customer complains
only_text = Only text is passed on to the customer; this file was not.
not_passed_on = This was not passed on to the customer; the server's log says why.
help =
    What you write in a case's topic goes to its customer as a reply; a 👍 says that it is on its way.
    What begins with // stays among agents.
    /case says where this case stands
    /help shows this
    Decisions (approve, reject, ask, refunded) are made on the command line: shouhou case …
no_command =
    Not passed on to the customer: there is no { $command } here.
    Commands: /case, /help. Decisions are made on the command line: shouhou case …
slip = Not passed on to the customer: a line looks like a command. If the customer shall read it, send it without the slash or the command's name in front.
case =
    { $number } · { $status }
    Order: { $order }
    Reason: { $reason }
    Promised by { $day }, 24:00 Beijing time
no_case = Write /case in a case's topic: it says where that case stands.
edited = The customer has read the version before. What you changed was not passed on: write it as a new message.
