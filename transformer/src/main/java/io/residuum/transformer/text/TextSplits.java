package io.residuum.transformer.text;

/**
 * What the training of a language model reads.
 *
 * @param description one line for people: how many tokens, from where, and what the evaluation text
 *     is
 * @param train to learn from
 * @param evaluation to measure on: the test text, or the held-out end of the text where there is
 *     none
 * @param tokenizer turns text into these tokens
 * @param evaluationCharacters how many characters (Unicode code points) the evaluation's tokens
 *     stand for: bits per character are the sum of its losses / ln 2 / this
 */
public record TextSplits(
        String description,
        TokenStream train,
        TokenStream evaluation,
        Tokenizer tokenizer,
        long evaluationCharacters) {}
