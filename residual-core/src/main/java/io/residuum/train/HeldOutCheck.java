package io.residuum.train;

/** Checks that the data was split as the recipe says. */
final class HeldOutCheck {
    private HeldOutCheck() {}

    static void require(Task task, Recipe recipe) {
        task.heldOut()
                .ifPresent(
                        share -> {
                            if (share != recipe.validation()) {
                                throw new TrainingException(
                                        ("the data must hold out the share that the recipe says for"
                                             + " validation, %s, but holds out %s: open the data"
                                             + " with recipe.validation()")
                                                .formatted(recipe.validation(), share));
                            }
                        });
    }
}
