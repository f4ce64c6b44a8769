using System.Numerics.Tensors;
using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Errors;
using MnistLstm.Trainer.Evaluation;
using MnistLstm.Trainer.Network;
using MnistLstm.Trainer.OutOfDistribution;
using MnistLstm.Trainer.Recipes;
using MnistLstm.Trainer.Training;
using TorchSharp;

namespace MnistLstm.Trainer.Onnx;

/// <summary>Writes a network as a model file with its card, if ONNX Runtime computes the same as TorchSharp.</summary>
public static class ModelWriter
{
    /// <summary>
    /// Largest difference of a probability between TorchSharp and ONNX Runtime. Both compute in float32, whose rounding
    /// over 28 steps stays a few times below this; a gate in a wrong place is off by 1e-1.
    /// </summary>
    public const double ParityTolerance = 1e-5;

    /// <summary>The length of the version, a prefix of the hash over the weights.</summary>
    public const int VersionDigits = 12;

    /// <summary>Writes the model; its file keeps the temporary name until <see cref="Commit"/>.</summary>
    /// <param name="data">Validation to calibrate on, validation and test to measure on.</param>
    /// <exception cref="TrainerException">A weight is no number, or ONNX Runtime differs.</exception>
    public static WrittenModel Prepare(
        TrainedNetwork trained, TrainingOptions options, MnistDataset data, AtomicFile file)
    {
        LstmClassifier network = trained.Network;
        RequireFinite(network, options);
        float[] validationLogits = network.PredictLogits(data.Validation);
        double temperature = options.Calibration == Calibration.Temperature
            ? Temperature.Fit(validationLogits, data.Validation.Labels)
            : 1;
        double threshold = HeldOutPictures.ChooseThreshold(network.PredictLogits, data.Validation);
        float[] validation = Softmax.Of(validationLogits, temperature);
        float[] test = Softmax.Of(network.PredictLogits(data.Test), temperature);
        var card = new ModelCard
        {
            Version = Version(network.Weights.Select(weights => weights.bytes.ToArray())),
            Preset = options.Preset,
            Seed = options.RandomSeed,
            HyperParameters = HyperParameter.Used(options),
            ParameterCount = (int)network.TrainedWeights.Sum(w => w.numel()),
            DataSha256 = data.Sha256,
            Validation = ClassificationMetrics.Measure(validation, data.Validation.Labels),
            Test = ClassificationMetrics.Measure(test, data.Test.Labels),
            Temperature = temperature,
            Parity = 0,
            IsDigitThreshold = threshold,
            Refused = options.EvidenceEpochs > 0
                ? HeldOutPictures.Measure(network.PredictLogits, data.Validation, threshold, options.UnseenShare)
                : null,
        };

        // The difference stands in the card inside the file, so the file is written once to measure it.
        file.Write(OnnxExporter.Export(network, temperature, card));
        using (DigitClassifier written = DigitClassifier.Load(file.PartialPath))
        {
            card = card with { Parity = RequireParity(test, OnnxPredictions.Of(written, data.Test).Probabilities) };
        }

        file.Write(OnnxExporter.Export(network, temperature, card));
        card = card with { Commit = RunDescription.Commit(), Run = RunDescription.Of(trained.History, options) };
        return Read(file, card, data.Test);
    }

    /// <summary>Reads a complete file as the service will.</summary>
    public static WrittenModel Read(AtomicFile file, ModelCard card, DigitSet test)
    {
        using DigitClassifier classifier = DigitClassifier.Load(file.PartialPath);
        return new WrittenModel(
            file.FinalPath,
            card with { ModelSha256 = classifier.Card.ModelSha256 },
            OnnxPredictions.Of(classifier, test).Probabilities);
    }

    /// <summary>Gives all files their names, then writes the card of each beside it.</summary>
    public static void Commit(params ReadOnlySpan<(AtomicFile File, ModelCard Card)> models)
    {
        foreach ((AtomicFile file, _) in models)
        {
            file.Commit();
        }

        foreach ((AtomicFile file, ModelCard card) in models)
        {
            AtomicFile.Write(CardPath(file.FinalPath), card.ToJson() + "\n");
        }
    }

    /// <summary><c>models/seed.onnx</c> → <c>models/seed.card.json</c>.</summary>
    public static string CardPath(string modelPath) => Path.ChangeExtension(modelPath, ".card.json");

    /// <summary><c>models/digits.onnx</c> → <c>models/digits-float.onnx</c>, from which it was made.</summary>
    public static string FloatPath(string modelPath) => Path.Combine(
        Path.GetDirectoryName(modelPath) ?? "",
        $"{Path.GetFileNameWithoutExtension(modelPath)}-float{Path.GetExtension(modelPath)}");

    /// <summary><c>models/seed.onnx</c> → <c>models/seed.report.html</c>.</summary>
    public static string ReportPath(string modelPath) => Path.ChangeExtension(modelPath, ".report.html");

    private static void RequireFinite(LstmClassifier network, TrainingOptions options)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        if (!network.Weights.All(weights => weights.isfinite().all().item<bool>()))
        {
            throw new TrainerException(
                "Some weights are no finite numbers: training diverged. No model was written. "
                + $"Try {TrainingPlan.RemediesOf(options, "--learning-rate")}.",
                ExitCodes.RunFailed);
        }
    }

    /// <summary>Two digits whose probabilities differ by less than the tolerance are a tie: either is right.</summary>
    /// <param name="expected">[N, C], by TorchSharp.</param>
    /// <param name="actual">[N, C], by ONNX Runtime.</param>
    /// <returns>Largest difference of a probability.</returns>
    /// <exception cref="TrainerException">It is above the tolerance, or a digit differs that is not a tie.</exception>
    internal static double RequireParity(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        double difference = 0;
        int disagreements = 0;
        for (int first = 0; first < expected.Length; first += ModelContract.Classes)
        {
            ReadOnlySpan<float> p = expected.Slice(first, ModelContract.Classes);
            ReadOnlySpan<float> q = actual.Slice(first, ModelContract.Classes);
            for (int c = 0; c < p.Length; c++)
            {
                difference = Math.Max(difference, Math.Abs((double)p[c] - q[c]));
            }

            double lead = TensorPrimitives.Max(p) - p[TensorPrimitives.IndexOfMax(q)]; // 0 where the digit is the same
            disagreements += lead <= ParityTolerance ? 0 : 1;
        }

        return difference <= ParityTolerance && disagreements == 0
            ? difference
            : throw new TrainerException(
                $"ONNX Runtime does not compute what TorchSharp does: probabilities differ by up to {difference:G3} "
                + $"and {disagreements:N0} of {expected.Length / ModelContract.Classes:N0} digits disagree. "
                + "No model was written.",
                ExitCodes.RunFailed);
    }

    /// <summary>The version of a model with these weights and scales.</summary>
    internal static string Version(IEnumerable<byte[]> weights) =>
        MnistFile.Hash([.. weights.SelectMany(bytes => bytes)])[..VersionDigits];
}
