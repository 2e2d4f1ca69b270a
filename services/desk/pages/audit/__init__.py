"""For auditors, and for whoever was read a code: is the trail whole, and whose record is it?"""
