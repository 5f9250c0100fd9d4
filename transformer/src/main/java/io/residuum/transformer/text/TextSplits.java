package io.residuum.transformer.text;

/**
 * The data sets for training a language model.
 *
 * @param description one line for people: the number of tokens, their source and the kind of
 *     evaluation text
 * @param train the training text
 * @param evaluation the evaluation text: the test text, or the held-out end of the text if there is
 *     none
 * @param tokenizer the tokenizer of both texts
 * @param evaluationCharacters the number of characters (Unicode code points) of the evaluation
 *     text. Bits per character are the sum of its losses / ln 2 / this
 */
public record TextSplits(
        String description,
        TokenStream train,
        TokenStream evaluation,
        Tokenizer tokenizer,
        long evaluationCharacters) {}
