review_missed = We're sorry: request { $number } wasn't decided by { $missed }. A supervisor has it now; you'll have an answer by { $day }, 24:00 Beijing time.
refund_missed = We're sorry: the refund for request { $number } wasn't made by { $missed }. A supervisor has it now; you'll have an answer by { $day }, 24:00 Beijing time.
