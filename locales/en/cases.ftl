nothing_to_withdraw = I found no request that can be withdrawn. Please use the button “Withdraw request” under its progress.
not_submitted_yet = Your request isn't submitted yet, so there's nothing to withdraw. Shall we put it aside?
withdraw = Withdraw request { $number }? The review will stop.
withdrawn = Request { $number } is withdrawn. You can start a new one any time.
takes_nothing = This request takes no photos now, or there are none waiting. You can check progress or talk to a person.
send_photos = Just send the photos here. They'll go into request { $number }.
photos_added = Added to request { $number }. You'll have a decision by { $day }, 24:00 Beijing time.
explanation_added = Your explanation is in request { $number }. You'll have a decision by { $day }, 24:00 Beijing time.
