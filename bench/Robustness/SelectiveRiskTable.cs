using System.Numerics.Tensors;
using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Evaluation;
using MnistLstm.Trainer.Onnx;

namespace MnistLstm.Bench.Robustness;

/// <summary>The error among the test images that remain when the least certain are rejected.</summary>
internal static class SelectiveRiskTable
{
    private static readonly double[] Shares = [0, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05];

    public static void Write(TextWriter output, DigitClassifier classifier, DigitSet test)
    {
        OnnxPredictions predictions = OnnxPredictions.Of(classifier, test);
        float[] energy = IsDigitThreshold.Evidence(predictions.Logits);
        var probability = new float[test.Count];
        var isRight = new bool[test.Count];
        for (int n = 0; n < test.Count; n++)
        {
            ReadOnlySpan<float> p = predictions.Probabilities.AsSpan(n * ModelContract.Classes, ModelContract.Classes);
            int digit = TensorPrimitives.IndexOfMax(p);
            probability[n] = p[digit];
            isRight[n] = digit == test.Labels[n];
        }

        output.WriteLine("## Selective risk");
        output.WriteLine();
        output.WriteLine($"Error on MNIST's {test.Count:N0} test images without the least certain ones.");
        output.WriteLine();
        output.WriteLine("| refused | error, refused by energy | error, refused by highest probability |");
        output.WriteLine("|---|---|---|");
        foreach (double share in Shares)
        {
            output.WriteLine(
                $"| {100 * share:0.##} % | {100 * SelectiveRisk.Error(energy, isRight, share):F2} % "
                + $"| {100 * SelectiveRisk.Error(probability, isRight, share):F2} % |");
        }

        output.WriteLine();
    }
}
