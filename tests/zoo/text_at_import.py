# raises a hostile exception while it is being loaded -> error: raised


class Interrupt(KeyboardInterrupt):
    def __str__(self):
        return "\x1b[2J" * 10**5


raise Interrupt
