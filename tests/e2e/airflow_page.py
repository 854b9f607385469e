"""Airflow's own pages in a real browser, as far as a person has to click there."""

from browsers import chromium
from demonstration import DAG_ID, PATIENCE_SECONDS, Demonstration


def click_answer(demonstration: Demonstration, run_id: str, task_id: str, option: str) -> None:
    """Log in and click an answer under *Required Actions*, whenever the task asks."""
    address = demonstration.result["addresses"]["airflow"]
    with chromium() as browser:
        page = browser.new_page(base_url=address)
        page.set_default_timeout(1000 * PATIENCE_SECONDS)
        page.goto("/")
        page.get_by_label("Username").fill("admin")
        page.get_by_label("Password").fill(demonstration.result["password"])
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("button", name="User").wait_for()

        def click() -> None:
            page.goto(f"/dags/{DAG_ID}/runs/{run_id}/tasks/{task_id}/required_actions")
            page.get_by_role("button", name=option).click()
            page.get_by_text(f"{task_id} response successful").wait_for()

        demonstration.asked(run_id, task_id, click)
