using System.Numerics.Tensors;
using System.Security.Cryptography;
using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Errors;
using MnistLstm.Trainer.Evaluation;

namespace MnistLstm.Trainer.Onnx;

/// <summary>Writes a model with int8 weights and its card, after it has been measured against the one with float weights.</summary>
public static class QuantizedModel
{
    /// <summary>Share of the validation images that may be read wrong in addition: 2 of 5,000.</summary>
    public const double MaxLoss = 0.0004;

    /// <param name="original">The model with float weights.</param>
    /// <param name="file">Its file.</param>
    /// <param name="data">Validation to decide whether the result is good enough, test to report.</param>
    /// <param name="path">Where the other model goes; its card goes beside it.</param>
    /// <param name="cancellation">Stops while it is measured; no file is left.</param>
    /// <exception cref="TrainerException">It reads too many more images wrong; no file is left.</exception>
    public static WrittenModel Write(DigitClassifier original, byte[] file, MnistDataset data, string path, CancellationToken cancellation)
    {
        ModelProto model = LstmQuantizer.Quantize(file);
        ModelCard card = original.Card with { ModelSha256 = null, Version = Version(model) };
        string partial = path + AtomicFile.PartialExtension;
        try
        {
            // What the card says of the file is measured with the file.
            File.WriteAllBytes(partial, LstmQuantizer.WithCard(model, card));
            card = Measure(original, partial, card, data, cancellation);
            File.WriteAllBytes(partial, LstmQuantizer.WithCard(model, card));
            return ModelWriter.Finish(partial, path, card, data.Test);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    private static ModelCard Measure(DigitClassifier original, string path, ModelCard card, MnistDataset data, CancellationToken cancellation)
    {
        using DigitClassifier quantized = DigitClassifier.Load(path);
        SplitResult before = ClassificationMetrics.Measure(
            OnnxPredictions.Of(original, data.Validation, cancellation).Probabilities, data.Validation.Labels);
        SplitResult validation = ClassificationMetrics.Measure(
            OnnxPredictions.Of(quantized, data.Validation, cancellation).Probabilities, data.Validation.Labels);
        if (before.Correct - validation.Correct > MaxLoss * validation.Images)
        {
            throw new TrainerException(
                $"With int8 weights {before.Correct - validation.Correct:N0} more of {validation.Images:N0} held-out images are read wrong. No model was written.",
                ExitCodes.RunFailed);
        }

        float[] expected = OnnxPredictions.Of(original, data.Test, cancellation).Probabilities;
        float[] actual = OnnxPredictions.Of(quantized, data.Test, cancellation).Probabilities;
        int differentDigits = 0;
        for (int first = 0; first < expected.Length; first += ModelContract.Classes)
        {
            differentDigits += TensorPrimitives.IndexOfMax(expected.AsSpan(first, ModelContract.Classes))
                == TensorPrimitives.IndexOfMax(actual.AsSpan(first, ModelContract.Classes)) ? 0 : 1;
        }

        var differences = new float[expected.Length];
        TensorPrimitives.Subtract(expected, actual, differences);
        return card with
        {
            Validation = validation,
            Test = ClassificationMetrics.Measure(actual, data.Test.Labels),
            Quantization = new Quantization(
                Weights: $"int8, −{LstmQuantizer.Most} to {LstmQuantizer.Most}, one scale a row",
                FloatVersion: original.Card.Version,
                LargestDifference: Math.Abs(TensorPrimitives.MaxMagnitude(differences)),
                DifferentDigits: differentDigits),
        };
    }

    private static string Version(ModelProto model)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (byte[] weights in LstmQuantizer.Weights(model))
        {
            hash.AppendData(weights);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..ModelWriter.VersionDigits];
    }
}
