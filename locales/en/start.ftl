first_contact = Hi, I'm the after-sales bot of { $shop }, not a person. Your messages and photos are only used for your request. Please don't send ID cards, bank cards or codes. Send /help for the privacy notice.
hello =
    Hi, I'm the after-sales bot of { $shop }, not a person. I help people who bought something here.
    I answer questions, take refund requests with photos, and tell you where they stand. People make the decisions.
safety = We never ask for passwords, codes or card numbers, and never for a transfer or screen sharing. Refunds only go back to your original payment method.
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
