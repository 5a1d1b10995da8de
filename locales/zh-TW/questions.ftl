topics = 您想了解哪一項？也可以直接打字問我。
not_ours = 這個我幫不上忙，我只處理本店的售後。您可以看看常見問題，或找真人客服。
unsure = 您想問的是下面哪一項？
unknown = 這句我看不懂，也找不到合適的答案。您可以換個說法，或找真人客服。
person_called = 我沒能聽懂，已請客服人員來看這段對話，您不用再說一次。客服人員會在這裡回覆您。
contact = { $label }：{ $value }{ $hours }（{ $day }確認過）
contact_unverified = { $label }：{ $value }{ $hours }（以快手 App 內公布為準）
waits_for_us = 等待難免著急，上面是目前的進度和最晚日期。如果說的是別的訂單，請把訂單編號傳給我。
