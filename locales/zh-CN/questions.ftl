topics = 您想了解哪一项？也可以直接打字问我。
not_ours = 这个我帮不上忙，我只处理本店的售后。您可以看看常见问题，或者找同事。
unsure = 您想问的是下面哪一项？
unknown = 这句我没看懂，也没有找到合适的答案。您可以换个说法，或者找同事。
person_called = 我没能听懂，已请同事来看这段对话，您不用重复。同事会在这里回复您。
contact = { $label }：{ $value }{ $hours }（{ $day }核实）
contact_unverified = { $label }：{ $value }{ $hours }（以快手 App 内公布为准）
waits_for_us = 等待难免着急，上面是现在的进度和最晚日期。要是说的是别的订单，请把订单号发给我。
