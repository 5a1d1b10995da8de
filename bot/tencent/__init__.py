"""What the official account, the mini program and WeCom have in common: the callbacks' cryptography, XML and the calls."""
