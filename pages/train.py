"""Train: the form and the visitor's runs, or the run that the address names."""

import streamlit as st

from ui import visitor
from ui.navigation import start_app
from ui.train import data_form, network_diagram, recipe_form, run, run_list, start_box


def main() -> None:
    """Draw the screen."""
    owner = visitor.known_owner()
    st.title("Train a classifier", anchor=False)
    run_id = st.query_params.get("run")
    if run_id is not None:
        run.show(run_id, owner)
        return
    _form(owner)
    st.divider()
    run_list.show(owner)


def _form(owner: str) -> None:
    st.write(
        "Choose actions, and a network learns to recognise them from labelled clips. It is then tested on recordings "
        "it has not seen."
    )
    left, right = st.columns(2, gap="large")
    with left:
        name, dataset = data_form.choose_dataset(owner)
        if dataset is None:
            return
        labels = data_form.choose_labels(dataset, name)
        split = recipe_form.choose_split(dataset)
    with right:
        recipe = recipe_form.choose_recipe(dataset.name, split)
    if recipe is not None:
        start_box.show(owner, dataset, name, labels, recipe)
        if len(labels) > 1:
            network_diagram.show(recipe, len(labels))


if __name__ == "__main__":
    start_app()
