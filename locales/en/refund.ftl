order = What's the order number? In the Kuaishou app, open Me → My orders and tap the order to copy it.
order-none = I can't find it
order_has_case = Order { $order } has request { $number } already. For the same matter there's no need to ask again: see “Check progress”.
review-no_order = Not at hand
order_again = An order number has 10 to 24 digits. Please check it once more, or press “I can't find it”.
sounds_wrong = That sounds like something to put right. Let's start a request; you can stop any time.
sorry = Sorry you've had this trouble. I'll help you with it.
order_other = That's about another order, { $other }; this request is for { $kept }. Each order gets its own request. Shall we finish this one first?
order-change = Change to { $other }
order-stay = Finish { $kept } first
order_corrected = OK, the order number is { $value } now.
reason = What went wrong?
details = Please tell us what happened, in a sentence or two.
details_short = A few more words would help our team decide. For example: the cup arrived with a cracked rim.
details_long = At most 1,000 characters, please. The main points are enough; photos can show the rest.
noted = Noted: it's part of what you tell us now.
wish_changed = OK, changed to: { $wish }.
wish = What would you like us to do?
photos = { $ask }
review =
    Please check your request (not sent yet):
    Order: { $order }
    Problem: { $reason }
    What happened: { $details }{ $more }
    You'd like: { $wish }
    Photos: { $photos ->
        [0] none
       *[other] { $photos }
    }{ $others ->
        [0] {""}
        [one] , and one more file
       *[other] , and { $others } more files
    }{ $waived }
    Once submitted, you'll have a decision by { $day }, 24:00 Beijing time.
review-waived = Not sent: { $shot }. Why: “{ $why }”
do-submit = Submit
change-order = Order number
change-reason = Problem
change-details = What happened
change-wish = What you'd like
change-photos = Photos
submitted = We've got your request { $number }. You'll have a decision by { $day }, 24:00 Beijing time.
submitted_estimate = We've got your request { $number }. We expect a decision by { $day }, 24:00 Beijing time. It may come earlier once the holiday calendar is out.
not_open = That request was already submitted or put aside. You can check progress or start a new one.
draft = You have an unfinished request, kept until { $day }. Shall we go on with it?
draft_waits = Your request isn't submitted yet. It's kept until { $day }. Shall we go on?
put_aside = Saved. Your draft is kept until { $day }, and you can go on any time.
stopped = All right, stopped. Nothing was sent.
found = Good to hear it turned up. Shall we delete the draft? Otherwise it's kept until { $day }.
draft_gone = That draft is past its keeping time, so let's start afresh.
nothing_open = There's no unfinished request right now.
dropped = The draft is deleted.
other_order = If you ordered twice, please send the other order's number too.
other_order-none = There's only one
looked =
    Please check these places first:
    · family, colleagues or the front desk
    · a text about a locker or pick-up station
    · the delivery address of the order
    Just marked as signed? Give it 24 hours. If you find it, just tell me.
looked-nobody = I checked, it's not there
promised = Which day did the product page or order promise? For example: 20 Nov.
promised-none = I'm not sure
received = Which day did you sign for it? For example: 20 Nov.
received-0 = Today
received-1 = Yesterday
received-2 = Two days ago
received-none = I don't remember
category = What kind of item is it?
category-clothes = Clothes, shoes, bags
category-electronics = Electronics
category-cosmetics = Cosmetics
category-food = Food
category-custom = Made to order
category-digital = Top-up or digital
category-other = Something else
waybill = What's the waybill number? You can copy it from the order's tracking page.
waybill-none = I don't have one
waybill_again = A waybill number has 8 or more digits or letters. Please check it again, or press “I don't have one”.
courier = Which courier is { $number } from?
courier_said = What did the courier say? You can ask them for proof of delivery.
courier_said-none = I haven't asked them
day_again = We couldn't find a day in that. Please write it like “20 Nov”.
promise_ahead = The promised day, { $day }, hasn't come yet. You can go on; the reviewer will check the date.
last_day = The last day for a 7-day return is { $day }.
last_day_past = The 7-day return ended on { $day }. You can still submit; a person will decide.
exception-cosmetics = Cosmetics usually need their one-time seal unbroken. You can still submit; a person will decide.
exception-food = Opened or fresh food usually isn't covered by the 7-day return. You can still submit; a person will decide.
exception-custom = Made-to-order items usually aren't covered by the 7-day return. You can still submit; a person will decide.
exception-digital = Used top-ups and digital items usually aren't covered by the 7-day return. You can still submit; a person will decide.
track = This parcel is with { $name }. Track it at { $site } or call { $hotline } (please check the number on their site).
own-other_order = Other order: { $value }
own-promised = Promised day: { $value }
own-received = Signed for on: { $value }
own-category = Kind of item: { $value }
own-waybill = Waybill: { $value }
own-courier_said = Courier said: { $value }
change = Which part would you like to change?
do-change = Change…
do-more = More…
do-go_on = Keep it as it is
change-other_order = Other order
change-looked = Where you looked
change-promised = Promised day
change-received = Day you signed
change-category = Kind of item
change-waybill = Waybill number
change-courier = Courier
change-courier_said = What the courier said
paid = How much did you pay in all? For example: 59.00.
paid-none = I'm not sure
paid-read = { $amount }, as in my photo
paid_again = Please write the amount in yuan, like 59.00.
own-paid = Paid: { $value }
change-paid = Amount paid
