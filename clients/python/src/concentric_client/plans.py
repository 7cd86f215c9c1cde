"""Lists that are made of a plan.

In: a `concentric.v1.Plan`. Out: its assignments, grouped. Must not add quantities of
different measures.
"""


def services(plan):
    """What each unit does for whom (品牌服务清单): assignments by unit, ascending by id."""
    lists = {}
    for assignment in plan.assignments:
        lists.setdefault(assignment.unit, []).append(assignment)
    return dict(sorted(lists.items()))
