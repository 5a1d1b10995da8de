not_stored = That message couldn't be saved. Please send it again in a minute.
in_progress = ✓ Got it, working on it. Reply with anything to see the result.
more = There is more. Reply with anything to go on.
on_the_page = Files can't be sent here, so it waits on the shop's web page. Send /link in the chat there, then the line you get here: that joins the two chats, and you can open it.
news = News: write to see
