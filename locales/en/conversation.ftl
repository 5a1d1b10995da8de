pressed = (button)
set_aside = I couldn't handle that message. It's saved, and a colleague will look at it. Nothing is lost, and you can go on writing.
edited = I saw that you edited an earlier message. What you've already filled in stays as it is: to change it, please send a new message.
