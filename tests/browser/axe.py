"""What axe-core finds wrong on a page: contrast, names of controls, alternatives of pictures, the keyboard's reach."""

from axe_playwright_python.base import AXE_SCRIPT


def serious(page, options="{}"):
    """What axe-core finds serious or critical, in words."""
    page.evaluate(AXE_SCRIPT)
    found = page.evaluate(f"axe.run({{resultTypes: ['violations'], ...{options}}})")["violations"]
    return [
        f"{rule['id']}: {node['html'][:200]} {[check['message'] for check in node['any'] + node['all']][:1]}"
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]
