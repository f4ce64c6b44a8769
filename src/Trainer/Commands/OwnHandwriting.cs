using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Errors;
using MnistLstm.Trainer.Evaluation;
using MnistLstm.Trainer.Network;
using MnistLstm.Trainer.Onnx;
using MnistLstm.Trainer.OutOfDistribution;
using MnistLstm.Trainer.Recipes;
using MnistLstm.Trainer.Reports;

namespace MnistLstm.Trainer.Commands;

/// <summary><c>refine --images</c>: what it learns from, and what the model was and is worth.</summary>
internal sealed class OwnHandwriting(
    string folder, DigitClassifier before, OwnPictures pictures, TrainingOptions options)
{
    /// <summary>Largest share of the held-out digits that may be read wrong in addition.</summary>
    private const double MaxLoss = 0.001;

    private int _digitsRightBefore; // of the held-out digits

    /// <summary>The pictures that are learned from.</summary>
    public DigitSet Learned => pictures.All.Digits.Choose(pictures.Learned);

    /// <summary>The defaults of a run: a minute or two of the stage that made the model.</summary>
    public static TrainingOptions Shorten(TrainingOptions recipe) => recipe with
    {
        EvidenceEpochs = 3,
        EvidenceRate = 0.001,
        NonDigitPictures = 12_000,
    };

    /// <exception cref="TrainerException">The folder cannot be read.</exception>
    public static OwnHandwriting Read(
        string folder, DigitClassifier before, TrainingOptions options, CancellationToken cancellation)
    {
        LabeledPictures all = LabeledPictures.Load(folder, before, Shard.Whole, cancellation);
        EvaluateCommand.WriteRemarks(all);
        var pictures = OwnPictures.Split(all, options.RandomSeed);
        Console.WriteLine(
            $"{all.Digits.Count:N0} pictures: {pictures.Learned.Length:N0} to learn from, "
            + $"{pictures.HeldOut.Length:N0} held out to measure on");
        return new OwnHandwriting(folder, before, pictures, options);
    }

    /// <summary>MNIST, which keeps what the model knows, or generated digits; with the hash of the pictures.</summary>
    public async Task<MnistDataset> LoadDigitsAsync(MnistSource source, CancellationToken cancellation)
    {
        MnistDataset digits;
        try
        {
            digits = await ConsoleDisplay.LoadAsync(source, cancellation);
        }
        catch (TrainerException e) when (!source.IsNamed)
        {
            Console.WriteLine(
                $"{e.Message} Continuing without it: generated digits keep what the model knows. "
                + "That costs about 0.2 points on MNIST, and the card has figures on them.");
            digits = DrawnDigits.DrawDataset(options.RandomSeed);
        }

        return digits with { Sha256 = digits.Sha256.Append(new("own-pictures", pictures.Sha256())).ToDictionary() };
    }

    /// <summary>The line of a checkpoint's recipe.</summary>
    public string Recipe => $"the pictures {pictures.Sha256()}";

    /// <summary>Held-out digits that byte weights may read wrong, after what the network has forgotten.</summary>
    public double LossLeft { get; private set; }

    /// <exception cref="TrainerException">The network forgot too much.</exception>
    public void RequireLittleLoss(LstmClassifier network, MnistDataset data, bool isAllowed)
    {
        _digitsRightBefore = Right(OnnxPredictions.Of(before, data.Validation).Logits, data.Validation);
        int after = Right(network.PredictLogits(data.Validation), data.Validation);
        double of = data.Validation.Count;
        LossLeft = isAllowed ? double.PositiveInfinity : (MaxLoss * of) - (_digitsRightBefore - after);
        if (LossLeft < 0)
        {
            throw new TrainerException(
                $"The model would read {ResultText.Percent(after / of)} of the held-out digits and read "
                + $"{ResultText.Percent(_digitsRightBefore / of)} before: it would forget more than 0.1 %. "
                + "No model was written. Look at the pictures and their labels, try a lower --evidence-rate, or write "
                + "it anyway with --allow-loss.",
                ExitCodes.RunFailed);
        }
    }

    /// <summary>Says what the model was and is worth.</summary>
    public void Report(string path, MnistDataset data, CancellationToken cancellation)
    {
        using DigitClassifier after = EvaluateCommand.Load(path);
        LabeledPictures again = LabeledPictures.Load(folder, after, Shard.Whole, cancellation);
        Console.WriteLine();
        Console.WriteLine("                                   before      after");
        Line("own pictures, held out", pictures.HeldOut.Length, Own(before, pictures.All, pictures.HeldOut),
            Own(after, again, pictures.Find(pictures.HeldOut, again)));
        Line("own pictures, learned from", pictures.Learned.Length, Own(before, pictures.All, pictures.Learned),
            Own(after, again, pictures.Find(pictures.Learned, again)));
        Line("held-out digits", data.Validation.Count, (double)_digitsRightBefore / data.Validation.Count,
            after.Card.Validation!.Accuracy);
        Line("pictures of no digit, refused", 1, MeasureRefused(before),
            after.Card.Refused!.NonDigits.Values.Average());

        double Own(DigitClassifier model, LabeledPictures all, int[] which) =>
            (double)OwnPictures.CountRight(model, all, which) / Math.Max(which.Length, 1);
        double MeasureRefused(DigitClassifier model) => HeldOutPictures.Measure(
            digits => OnnxPredictions.Of(model, digits, cancellation).Logits, data.Validation,
            model.Card.IsDigitThreshold, options.UnseenShare)
            .NonDigits.Values.Average();
    }

    private static void Line(string what, int count, double before, double after)
    {
        if (count > 0)
        {
            Console.WriteLine($"{what,-31} {100 * before,7:F2} %  {100 * after,7:F2} %");
        }
    }

    private static int Right(float[] logits, DigitSet digits) =>
        ClassificationMetrics.MeasureLogits(logits, digits.Labels).Correct;
}
