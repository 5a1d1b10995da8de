not_stored = That message couldn't be saved. Please send it again in a minute.
in_progress = ✓ Got it, working on it. Reply with anything to see the result.
more = There is more. Reply with anything to go on.
