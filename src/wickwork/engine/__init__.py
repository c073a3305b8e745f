"""Running a strategy: over history, on paper, or with a venue.

Over history
    feed       bars of all instruments on one grid of times
    machine    a program, its bars, orders and account in memory, run by the compiled loop
    loop/      the compiled loop: next event, matching step, decisions, statistics
    backtest   a run over history and what it leaves
    variants   many parameters over the same bars

Event by event
    window     the newest bars, laid out as a feed is
    bot        a program at work, with its orders and account
    advance    `advance(bot, event)`: a bot takes bars, reports of a venue and requests, one after the other
    reports    a venue's reports applied to a bot
    order_commands   the commands that follow from a step of a bot
    kept_orders, order_notes   what a bot keeps of its orders beside the order table
    order_list   the orders of a bot with their states and times
    paper      the simulated venue with the protocol of every venue
    live       the loop that waits: one queue of bars, reports and requests; journal first, then the venue

Runs that last
    journal_entries  entries of a journal, written and read
    runs       begin, refuse and resume a run
    registry   the runs of this machine
    replay     a run compared with a backtest, and with itself run again

With fills simulated within the bot: bars → `advance` → matching step → decisions. With fills reported: bars →
`PaperExchange` (or an exchange) → reports → `advance` (`orders.fills.apply_fill` in both cases) → then the bars →
decisions → commands → risk gate → venue. The venue has the bars of a moment before the bot, so its reports come first:
they happened within those bars.
"""
