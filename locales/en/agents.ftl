approved = Request { $number } is approved. { $amount } goes back to your original payment method by { $day }, 24:00 Beijing time.
approved_estimate = Request { $number } is approved. { $amount } goes back to your original payment method, expected by { $day }, 24:00 Beijing time.
rejected =
    Request { $number } wasn't approved. Reason: { $reason }
    What you can do: { $next }
    If you add photos, we'll review it again.
asked =
    For request { $number } we still need: { $what }
    Please send it here by { $day }; the review clock is paused.
refunded = Request { $number }: { $amount } was refunded to your original payment method ({ $at } Beijing time). Your bank may need 1–3 more working days. If it doesn't arrive, talk to a person.
