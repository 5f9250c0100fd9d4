package io.residuum.nn.invert;

import ai.djl.ndarray.NDArray;
import io.residuum.nn.ForwardPass;

/**
 * Inverts a layer {@code y = A x + w F(r x)}, where r, A and w are constants (RevNet, Gomez et al.
 * 2017, arXiv:1707.04585, Section 3.1). First the output gives the branch's input {@code u = r x},
 * then both give x. So the backward pass computes F once.
 */
public interface Inverse {

    /**
     * {@return the factor by which rounding errors grow from the output to the input, about; 1 or
     * more}
     */
    double gain();

    /**
     * {@return the input of the branch}
     *
     * @param pass a forward pass in the mode of the first one
     * @param y the output of the layer
     */
    NDArray branchInput(ForwardPass pass, NDArray y);

    /**
     * {@return {@code w F(u)}, in the shape of the output}
     *
     * @param u the branch's input
     */
    NDArray branch(ForwardPass pass, NDArray u);

    /**
     * {@return the input x}
     *
     * @param y the output
     * @param branch as from {@link #branch}
     */
    NDArray input(ForwardPass pass, NDArray y, NDArray branch);

    /**
     * {@return the gradient of the input}
     *
     * @param dy the gradient of the output
     * @param du the gradient of the branch's input
     */
    NDArray inputGradient(ForwardPass pass, NDArray dy, NDArray du);

    /**
     * {@return the input of the layer}
     *
     * @param y the output
     */
    default NDArray invert(ForwardPass pass, NDArray y) {
        NDArray u = branchInput(pass, y);
        NDArray branch = branch(pass, u);
        pass.release(u);
        NDArray x = input(pass, y, branch);
        pass.release(branch);
        return x;
    }
}
