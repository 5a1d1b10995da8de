received = ✓ Got it. Photos so far: { $count }.
received_for_form = ✓ Photo { $count } is here and goes with your request.
received_shots = { $have }/{ $count } ✓ Received for: { $shots }.
received_all = { $have }/{ $count } ✓ Received for: { $shots }. That's all the photos we need.
received_extra = { $count ->
    [one] ✓ Got it. It goes along as an extra.
   *[other] ✓ Got them. They go along as extras.
}
received_for_case = ✓ Everything you sent is in request { $number } now.
too_many = A request takes at most { $most } files, so this one isn't part of it. Delete or swap one first: press “My photos”, or talk to a person.
which_case = { $count ->
    [1] ✓ Got it. Which request is it for?
   *[other] ✓ Got all { $count }. Which request are they for?
}
what_for = { $count ->
    [1] ✓ Got the photo and saved it. Would you like to start a request with it?
   *[other] ✓ Got { $count } photos and saved them. Would you like to start a request with them?
}
what_for_file = Would you like to start a request with it? You can also ask me something else first.
better_as_file = Got the photo, saving it. For small print, “send as file” is better: chat apps shrink photos.
kept-voice = ✓ Your voice message is saved, and a colleague can listen. I can't, so please write the main points too.
kept-video = ✓ Your video is saved for the reviewers. Please add a photo or two of what matters most.
kept-file = ✓ { $name } is saved for the reviewers.
refused-empty = { $name } is an empty file. Please choose the photo again and send it once more.
refused-not_image = { $name } isn't a photo or a video. Please send a JPEG, PNG, HEIC, WEBP or GIF, an MP4 video, or a screenshot.
refused-pdf = { $name } is a PDF, and this request needs photos. Please send a screenshot of the page.
refused-cut_off = { $name } arrived incomplete. Please send it again, or send a screenshot of it.
refused-unplayable = { $name } can't be played; perhaps it arrived incomplete. Please check that it plays on your phone and send it again, or send a few screenshots of it.
refused-too_large = { $name } is over 20 MB. Please send a smaller photo or a shorter video, or a screenshot of it.
refused-too_many_pixels = { $name } is too large to open. Please send a screenshot of it.
refused-too_small = { $name } is too small to see anything. Please send the original photo.
refused-gone = { $name } didn't reach us. Please send it again.
refused-failed = { $name } couldn't be opened. Please send it again, or send a screenshot of it.
ask_any = Just send the photos here; they'll be part of this request. When that's all, press the button.
ask_one =
    We need one photo: { $shot }.
    { $why }
ask_first =
    We need { $count } photos. Send them one by one or all together.
    First: { $shot }. { $why }
ask_next = Next, please: { $shot }. { $why }
ask_then = After that: { $shots }.
ask_taken =
    We took what you sent for:
    { $taken }
    If that's not right, press “My photos”.
example = A drawn example: { $shot }
and = {", "}
extra = extra
list =
    Here's what you sent:
    { $files_listed }
    Choose one to change it.
list-one = { $number }. { $name } → { $shot }
list-waived = Not sent: { $shot }. Why: “{ $why }”
one = Photo { $number } ({ $name }) counts as: { $shot }. What would you like to do?
which_shot = What does photo { $number } ({ $name }) show?
moved = OK, photo { $number } counts as: { $shot }.
send_new = Please send the new photo for: { $shot }. It takes the place of photo { $number }.
dropped = { $name } is deleted.
not_there = That photo isn't there any more.
why_not = No problem. Why can't you send { $shot }? Press a button, or tell me in your own words.
because-gone = Already thrown away
because-away = Can't take it now
because-all = I can't send the rest either
waived = All right, we go on without { $shots }. The reviewers will read why.
advice-blurred = Photo { $number }, { $shot }, looks a little blurred. Could you send a sharper one? Or use it as it is.
advice-dark = Photo { $number }, { $shot }, is rather dark. Could you take it again with more light? Or use it as it is.
advice-small = Photo { $number }, { $shot }, is small, so details may be hard to see. Could you send the original? Or use it as it is.
advice-screenshot = Photo { $number }, { $shot }, looks like a screenshot. Could you send the photo itself? Or use it as it is.
advice-again = Photo { $number } looks the same as one you sent before. Did you mean another one? Or use it as it is.
advice-card = Photo { $number } seems to show an ID or bank card. We don't need that. Shall I delete it?
later-blurred = One photo looks a little blurred. If you can, send a sharper one too.
later-dark = One photo is rather dark. If you can, send one with more light too.
later-small = One photo is small. If you have the original, send it too.
later-again = One photo is the same as one we have already. If you meant another, just send it.
later-card = One photo seems to show an ID or bank card, which we don't need. To have it removed, talk to a person.
read_order = I read order number { $order } in your photo. Is that the order?
do-order = Yes, { $order }
do-no = No
do-cannot = I can't send this
do-list = My photos
do-done = That's all
do-fine = Use it anyway
do-drop = Delete it
do-number = Photo { $number }
do-keep_all = All fine
do-else = It shows something else
do-again = Send a new one
do-back = Back to the photos
do-keep = Keep the old one
still_coming = Your photos are still arriving. I'll tell you what is there when they all are.
received_instead = { $have }/{ $count } ✓ Received in place of photo { $number }: { $shots }.
do-other = It's another one
