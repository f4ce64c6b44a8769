using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Evaluation;
using MnistLstm.Trainer.Onnx;

namespace MnistLstm.Trainer.Tests;

/// <summary>The committed <c>models/digits.onnx</c>.</summary>
internal static class DefaultModel
{
    /// <summary>Share of the images that it reads as their labels.</summary>
    public static double Accuracy(DigitSet digits)
    {
        using DigitClassifier classifier = DigitClassifier.Load(Repository.PathOf("models", "digits.onnx"));
        float[] probabilities =
            OnnxPredictions.Of(classifier, digits, TestContext.Current.CancellationToken).Probabilities;
        return ClassificationMetrics.Measure(probabilities, digits.Labels).Accuracy;
    }
}
