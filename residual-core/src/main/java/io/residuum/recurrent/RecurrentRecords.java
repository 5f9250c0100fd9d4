package io.residuum.recurrent;

import io.residuum.spec.RecordProvider;
import java.util.List;

/** Lists the recurrent layers and families for the JSON reader. */
public final class RecurrentRecords implements RecordProvider {
    @Override
    public List<Class<? extends Record>> records() {
        return List.of(
                Recurrent.class,
                Gates.class,
                Lstm.class,
                Lstm1997.class,
                Gru.class,
                Rnn.class,
                ResidualRnn.class);
    }
}
