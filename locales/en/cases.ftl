nothing_to_withdraw = I found no request that can be withdrawn. Please use the button “Withdraw request” under its progress.
not_submitted_yet = Your request isn't submitted yet, so there's nothing to withdraw. Shall we save it for later?
withdraw = Withdraw request { $number }? The review will stop.
withdrawn = Request { $number } is withdrawn. You can start a new one any time.
withdrawn_already = Request { $number } is withdrawn already. You can start a new one any time.
takes_nothing = There's no request that takes photos now. To start one, just send the photos here.
send_photos = Just send the photos here. They'll go into request { $number }.
photos_added = { $count ->
    [1] The photo is in request { $number }. You'll have a decision by { $day }, 24:00 Beijing time.
   *[other] { $count } photos are in request { $number }. You'll have a decision by { $day }, 24:00 Beijing time.
}
explanation_added = Your explanation is in request { $number }. You'll have a decision by { $day }, 24:00 Beijing time.
which = Which request do you mean?
added_after_approval = It's in request { $number }, and my colleagues can see it. This request is approved already.
file_added = It's in request { $number }. You'll have a decision by { $day }, 24:00 Beijing time.
