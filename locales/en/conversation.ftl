pressed = (button)
set_aside = I couldn't handle that message. It's saved, and a colleague will look at it. Nothing is lost, and you can go on writing.
