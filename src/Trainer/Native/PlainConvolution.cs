using System.Runtime.CompilerServices;

namespace MnistLstm.Trainer.Native;

/// <summary>
/// A two-dimensional convolution of square pictures and its gradients, in double precision: libtorch's kernels are
/// checked against it.
/// </summary>
/// <param name="Batch">B.</param>
/// <param name="From">Channels of the input.</param>
/// <param name="To">Channels of the output.</param>
/// <param name="Side">Height and width of the input.</param>
/// <param name="Kernel">Height and width of the kernel.</param>
/// <param name="Stride">Both ways.</param>
/// <param name="Padding">Zeros on each side.</param>
internal sealed record PlainConvolution(int Batch, int From, int To, int Side, int Kernel, int Stride, int Padding)
{
    /// <summary>Height and width of the output.</summary>
    public int OutputSide => ((Side + (2 * Padding) - Kernel) / Stride) + 1;

    /// <param name="input">[B, From, Side, Side].</param>
    /// <param name="kernel">[To, From, Kernel, Kernel].</param>
    /// <returns>[B, To, OutputSide, OutputSide]</returns>
    public double[] Forward(double[] input, double[] kernel)
    {
        var output = new double[Batch * To * OutputSide * OutputSide];
        ForEachProduct((i, k, o) => output[o] += input[i] * kernel[k]);
        return output;
    }

    /// <summary>The gradients of Σ output · weights.</summary>
    /// <param name="input">[B, From, Side, Side].</param>
    /// <param name="kernel">[To, From, Kernel, Kernel].</param>
    /// <param name="weights">[B, To, OutputSide, OutputSide]: the gradient of each output.</param>
    public (double[] Input, double[] Kernel) Backward(double[] input, double[] kernel, double[] weights)
    {
        var inputGradient = new double[input.Length];
        var kernelGradient = new double[kernel.Length];
        ForEachProduct((i, k, o) =>
        {
            inputGradient[i] += weights[o] * kernel[k];
            kernelGradient[k] += weights[o] * input[i];
        });
        return (inputGradient, kernelGradient);
    }

    /// <param name="use">Called with the indices of an input, a kernel weight and the output they add to.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ForEachProduct(Action<int, int, int> use)
    {
        int outputs = Batch * To * OutputSide * OutputSide;
        for (int output = 0; output < outputs; output++)
        {
            int column = output % OutputSide;
            int row = output / OutputSide % OutputSide;
            int to = output / (OutputSide * OutputSide) % To;
            int image = output / (OutputSide * OutputSide * To);
            for (int weight = 0; weight < From * Kernel * Kernel; weight++)
            {
                int x = (column * Stride) - Padding + (weight % Kernel);
                int y = (row * Stride) - Padding + (weight / Kernel % Kernel);
                int from = weight / (Kernel * Kernel);
                if (x >= 0 && x < Side && y >= 0 && y < Side)
                {
                    int input = (((((image * From) + from) * Side) + y) * Side) + x;
                    use(input, (to * From * Kernel * Kernel) + weight, output);
                }
            }
        }
    }
}
