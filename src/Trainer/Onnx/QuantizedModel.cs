using System.Numerics.Tensors;
using System.Text.Json;
using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Errors;
using MnistLstm.Trainer.Evaluation;
using MnistLstm.Trainer.Network;
using MnistLstm.Trainer.OutOfDistribution;

namespace MnistLstm.Trainer.Onnx;

/// <summary>Writes a model with byte weights and its card, measured against the one with float weights.</summary>
public static class QuantizedModel
{
    /// <summary>Share of the validation images that may be read wrong in addition: 2 of 5,000.</summary>
    public const double MaxLoss = 0.0004;

    /// <summary>The same in images where fewer than 5,000 are held out: that many may be chance.</summary>
    public const int MaxLossOfFew = 2;

    /// <summary>The same as a share of the images that are read wrong already: a weak model doubts more.</summary>
    public const double MaxLossOfWrong = 0.02;

    /// <param name="originalPath">Its file. The run is taken from the card beside it.</param>
    /// <param name="data">Validation to calibrate and to judge on, test to report.</param>
    /// <param name="path">Path of the other model; its card is written beside it.</param>
    /// <param name="cancellation">Stops while it is measured; no file is left.</param>
    /// <param name="moreLoss">Validation images that may be read wrong beyond those.</param>
    /// <exception cref="TrainerException">It reads too many more images wrong; no file is left.</exception>
    public static WrittenModel Write(
        DigitClassifier original, string originalPath, MnistDataset data, string path, CancellationToken cancellation,
        double moreLoss = 0)
    {
        using var file = new AtomicFile(path);
        WrittenModel model = Prepare(original, originalPath, data, file, moreLoss, cancellation);
        model = model with { Card = WithRunOf(model.Card, original.Card, originalPath) };
        ModelWriter.Commit((file, model.Card));
        return model;
    }

    /// <summary>As <see cref="Write"/>, but without the run, and the file keeps its temporary name.</summary>
    public static WrittenModel Prepare(
        DigitClassifier original, string originalPath, MnistDataset data, AtomicFile file, double moreLoss,
        CancellationToken cancellation)
    {
        ModelProto model = LstmQuantizer.Quantize(File.ReadAllBytes(originalPath));
        // The logits are the same whatever the temperature and the card.
        file.Write(LstmQuantizer.With(model, original.Card.Temperature, original.Card));
        ModelCard card;
        using (DigitClassifier quantized = DigitClassifier.Load(file.PartialPath))
        {
            card = Measure(original, quantized, data, moreLoss, cancellation) with
            {
                Version = ModelWriter.Version(LstmQuantizer.Weights(model)),
                ModelSha256 = null,
            };
        }

        file.Write(LstmQuantizer.With(model, card.Temperature, card));
        return ModelWriter.Read(file, card, data.Test);
    }

    private static ModelCard Measure(
        DigitClassifier original, DigitClassifier quantized, MnistDataset data, double moreLoss,
        CancellationToken cancellation)
    {
        ModelCard card = original.Card;
        float[] held = Logits(data.Validation);
        // 1 where it was not fitted.
        double temperature = card.Temperature == 1 ? 1 : Temperature.Fit(held, data.Validation.Labels);
        SplitResult validation = ClassificationMetrics.Measure(Softmax.Of(held, temperature), data.Validation.Labels);
        SplitResult before = ClassificationMetrics.Measure(
            OnnxPredictions.Of(original, data.Validation, cancellation).Probabilities, data.Validation.Labels);
        int lost = before.Correct - validation.Correct;
        double allowed = moreLoss + Math.Max(MaxLossOfFew, MaxLoss * before.Images);
        if (lost > allowed + (MaxLossOfWrong * (before.Images - before.Correct)))
        {
            throw new TrainerException(
                $"With byte weights {lost:N0} more of {validation.Images:N0} held-out images are read wrong. No model "
                + $"with byte weights was written.",
                ExitCodes.RunFailed);
        }

        double threshold = HeldOutPictures.ChooseThreshold(Logits, data.Validation);
        string unseenShare = card.HyperParameters.GetValueOrDefault("unseen-share", "0");
        float[] test = Softmax.Of(Logits(data.Test), temperature);
        return card with
        {
            // The figures are of this data. The card may have more files, such as own pictures that were learned.
            DataSha256 = data.Sha256.All(card.DataSha256.Contains) ? card.DataSha256 : data.Sha256,
            Validation = validation,
            Test = ClassificationMetrics.Measure(test, data.Test.Labels),
            Temperature = temperature,
            IsDigitThreshold = threshold,
            Refused = card.Refused is null
                ? null
                : HeldOutPictures.Measure(Logits, data.Validation, threshold, double.Parse(unseenShare)),
            Quantization = Compare(OnnxPredictions.Of(original, data.Test, cancellation).Probabilities, test, card),
        };

        float[] Logits(DigitSet digits) => OnnxPredictions.Of(quantized, digits, cancellation).Logits;
    }

    private static Quantization Compare(float[] expected, float[] actual, ModelCard original)
    {
        int differentDigits = 0;
        for (int first = 0; first < expected.Length; first += ModelContract.Classes)
        {
            differentDigits += TensorPrimitives.IndexOfMax(expected.AsSpan(first, ModelContract.Classes))
                == TensorPrimitives.IndexOfMax(actual.AsSpan(first, ModelContract.Classes)) ? 0 : 1;
        }

        var differences = new float[expected.Length];
        TensorPrimitives.Subtract(expected, actual, differences);
        return new Quantization(
            Weights: "both matrices of the LSTM, one scale for each gate of a unit; biases and output layer are floats",
            Bits: 8,
            FloatVersion: original.Version,
            FloatSha256: original.ModelSha256!,
            LargestDifference: Math.Abs(TensorPrimitives.MaxMagnitude(differences)),
            DifferentDigits: differentDigits);
    }

    /// <summary>Copies run and commit from the card beside the file, if it is the file's own card.</summary>
    private static ModelCard WithRunOf(ModelCard card, ModelCard original, string originalPath)
    {
        string beside = ModelWriter.CardPath(originalPath);
        try
        {
            ModelCard? found = File.Exists(beside) ? ModelCard.FromJson(File.ReadAllText(beside)) : null;
            return found?.ModelSha256 == original.ModelSha256
                ? card with { Run = found?.Run, Commit = found?.Commit }
                : card;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return card;
        }
    }
}
