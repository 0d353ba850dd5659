"""What a proof has found, line by line, and whether it is what had to be found."""


class Verdict:
    def __init__(self):
        self.misses = 0

    def note(self, what, value):
        """Something worth knowing that proves nothing."""
        print(f"{what:<58} {value}", flush=True)

    def require(self, what, value, wanted):
        """Something that must be so."""
        if value == wanted:
            return self.note(what, value)
        self.misses += 1
        return self.note(what, f"{value}   MISSED: {wanted} wanted")
