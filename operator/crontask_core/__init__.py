"""crontask_core says what a CronTask is and when it runs, for all programs; it is pure.

The core is shared by the operator and the facade. It knows no framework, opens no
connection and reads no clock: time, identifiers and objects come in as arguments.
"""
