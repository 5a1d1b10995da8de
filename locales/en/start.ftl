first_contact = Hi, I'm the after-sales bot of { $shop }, not a person. Your messages and photos are only used for your request. Please don't send ID cards, bank cards or codes. Send /help for the privacy notice.
hello =
    Hi, I'm the after-sales bot of { $shop }, not a person. I help people who bought something here.
    I answer questions, take refund requests with photos, and tell you where they stand. People make the decisions.
safety = We never ask for passwords, codes or card numbers, and never for a transfer or screen sharing. Refunds only go back to your original payment method.
private-phone = That looks like a phone number. You don't need to send one: I haven't put it into a request or taken it for an order number.
private-identity = That looks like an ID card number. You don't need to send one, so please don't: I haven't put it into a request or taken it for an order number.
private-bank = That looks like a bank card number. Refunds go back the way you paid, so please don't send one: I haven't put it into a request or taken it for an order number.
private-several = That looks like phone, ID card or bank card numbers. You don't need to send them, so please don't: I haven't put them into a request or taken them for an order number.
privacy =
    Privacy notice (version { $version }): { $shop } keeps the messages and photos you send, only to handle your request. Reviewers can see them. Where a photo was taken is never shown.
    To see or delete your data, press “Talk to a person”.
thanks = Happy to help. Write any time if there's something else.
here = Hi, I'm here.
no_hurry = Take your time. I'm here.
languages = Please choose a language / 请选择语言 / 請選擇語言
language_set = Sure, English from here on. What would you like to do?
unknown_button = That button no longer works. Please choose one of these.
old_button = That button is from earlier and no longer works. Let's go on with this one.
