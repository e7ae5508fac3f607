"""The packaged verification suite, and what makes an ordinary pytest session of it.

`test_layer1_service.py` to `test_layer4_adversarial.py` are the suite; the other modules hold pytest hooks and are
registered only where a run was asked for.
"""
