order = What's the order number? In the Kuaishou app, open Me → My orders and tap the order to copy it.
order-none = I can't find it
order_again = An order number has 10 to 24 digits. Please check it once more, or press “I can't find it”.
order_other = That's about another order, { $other }; this request is for { $kept }. Each order gets its own request. Shall we finish this one first?
order-change = Change to { $other }
order-stay = Finish { $kept } first
reason = What went wrong?
details = Please tell us what happened, in a sentence or two.
details_short = A few more words would help our team decide. For example: the cup arrived with a cracked rim.
details_long = At most 1,000 characters, please. The main points are enough; photos can show the rest.
wish = What would you like us to do?
photos =
    { $count ->
        [0] Just send the photos here; they'll be part of this request. When that's all, press the button.
        [1]
        We still need one photo:
        { $shots }
        { $why }
       *[other]
        We still need { $count } photos:
        { $shots }
        { $why }
    }
photos-waived = I can't send these
photos-done = That's all
review =
    Please check your request:
    Order: { $order }
    Problem: { $reason }
    What happened: { $details }
    You'd like: { $wish }
    Photos: { $photos }
    Once submitted, you'll have a decision by { $day }, 24:00 Beijing time.
submit = Submit
change-order = Change order
change-reason = Change problem
change-details = Change what happened
change-wish = Change wish
change-photos = Add photos
submitted = We've got your request { $number }. You'll have a decision by { $day }, 24:00 Beijing time.
submitted_estimate = We've got your request { $number }. We expect a decision by { $day }, 24:00 Beijing time. It may come earlier once the holiday calendar is out.
not_open = That request was already submitted or put aside. You can check progress or start a new one.
draft = You have an unfinished request, kept until { $day }. Shall we go on with it?
draft_waits = Your request isn't submitted yet. It's kept until { $day }. Shall we go on?
put_aside = Put aside. Your draft is kept until { $day }, and you can go on any time.
nothing_open = There's no unfinished request right now.
dropped = The draft is deleted.
