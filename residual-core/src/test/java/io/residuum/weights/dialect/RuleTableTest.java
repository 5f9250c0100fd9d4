package io.residuum.weights.dialect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.spec.json.SpecJson;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Finds the layers to which tensors of heads belong. */
class RuleTableTest {
    private static final RuleTable TABLE =
            new RuleTable(
                    new SpecJson(List.of())
                            .parse(
                                    """
                                    {"format": "residuum-dialect/1", "name": "peer",
                                     "rules": [
                                       {"ours": "token.weight", "theirs": "wte.weight"},
                                       {"ours": "head.*", "theirs": "lm_head.*"}],
                                     "copies": [{"theirs": "lm_head.weight", "of": "wte.weight"}],
                                     "base": {"prefix": "model.", "heads": ["lm_head.*"]},
                                     "ignored": ["*.count"], "optional": ["lm_head.*", "score.*"]}
                                    """,
                                    "peer.json",
                                    Dialect.class));

    private static final Set<String> LAYERS = Set.of("", "token", "head", "head.scale");

    private static Set<String> owners(String... parameters) {
        return RuleTable.owners(LAYERS, Set.of(parameters));
    }

    private static boolean writesHead(Set<String> owners) {
        return !TABLE.copiesOf("wte.weight", owners, Set.of("wte.weight")).isEmpty();
    }

    /** The logits are scaled after the tied head, by a part without parameters. */
    @Test
    void aContainerWithoutParametersIsATiedHead() {
        Set<String> owners = owners("token.weight");
        assertEquals(Set.of("token", "head", "head.scale"), owners);
        assertTrue(writesHead(owners));
        assertFalse(TABLE.isOfAbsentHead("lm_head.weight", owners, Set.of()));
    }

    @Test
    void aContainerWhosePartsHaveParametersOwnsNone() {
        Set<String> owners = owners("token.weight", "head.scale.weight");
        assertEquals(Set.of("token", "head.scale"), owners);
        assertFalse(writesHead(owners));
        assertTrue(TABLE.isOfAbsentHead("lm_head.weight", owners, Set.of()));
    }

    @Test
    void aContainerWithParametersOfItsOwnOwnsThem() {
        Set<String> owners = owners("offset", "head.bias", "head.scale.weight");
        assertEquals(Set.of("", "token", "head", "head.scale"), owners);
        assertFalse(TABLE.isOfAbsentHead("lm_head.weight", owners, Set.of()));
    }

    /** Every name that a plan may use or leave out is known, whatever the network is. */
    @ParameterizedTest
    @CsvSource({
        "model.wte.weight, true",
        "wte.weight, true",
        "lm_head.bias, true",
        "score.weight, true",
        "model.h.count, true",
        "model.wpe.weight, false",
        "encoder.wte.weight, false",
        "wte.bias, false"
    })
    void knowsTheNamesOfItsPatterns(String name, boolean known) {
        assertEquals(known, TABLE.knows(name));
    }
}
