draft = You have a request that isn't submitted yet. It's kept until { $day }. Once submitted, its progress shows here.
none = You have no requests yet. Would you like to start one?
more = You have { $count } requests; these are the latest { $shown }.
not_found = There's no request with that number in your name. Please check the number, or see all your requests.
head = Request { $number } · { $reason } (Beijing time)
did-submitted = ✅ { $at } You submitted the request ({ $photos ->
        [0] no photos
        [one] one photo
       *[other] { $photos } photos
    })
did-photos_added = ✅ { $at } You added photos ({ $photos })
did-explained = ✅ { $at } You explained: { $words }
did-asked_for_more = ✅ { $at } Our team asked for: { $what }
did-approved = ✅ { $at } Our team approved: { $amount } refund
did-rejected = ✅ { $at } Our team didn't approve: { $reason }
did-refunded = ✅ { $at } The shop refunded { $amount } to your original payment method
did-withdrawn = ✅ { $at } You withdrew the request
did-promise_missed = ⚠️ { $at } We missed the promised date; a supervisor has it
now-under_review = ⏳ Under review (our team) · by { $day }, 24:00 Beijing time
now-under_review-estimate = ⏳ Under review (our team) · expected by { $day }, 24:00 Beijing time
now-need_more = ⏳ Waiting for you · please send by { $day }; the clock is paused
now-approved = ⏳ Refund in progress (the shop) · by { $day }, 24:00 Beijing time
now-approved-estimate = ⏳ Refund in progress (the shop) · expected by { $day }, 24:00 Beijing time
then-refund = ○ If approved: money back within { $days } working days, by { $day } at the latest
then-refund-estimate = ○ If approved: money back within { $days } working days
then-return_refund = ○ If approved: money back within { $days } working days, by { $day } at the latest
then-return_refund-estimate = ○ If approved: money back within { $days } working days
then-exchange = ○ Exchange · arranged once approved
then-resend = ○ New parcel · arranged once approved
then-repair = ○ Repair · arranged once approved
then-review = ○ Add photos and we'll review it again
refresh = 🔄 Refresh · { $at }
