using System.Globalization;
using System.Numerics;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Errors;

namespace MnistLstm.Trainer.Recipes;

/// <summary>One hyperparameter: an option of the command line and a line of the model card.</summary>
/// <param name="Name">Without the dashes: <c>learning-rate</c>.</param>
/// <param name="Range">The values it takes: "1 to 1024", "constant or cosine".</param>
/// <param name="Read">The value as the command line would have it.</param>
/// <param name="Change">Options with another value; throws where the text is no value of the range.</param>
public sealed record HyperParameter(
    string Name,
    string Description,
    string Range,
    Func<TrainingOptions, string> Read,
    Func<TrainingOptions, string, TrainingOptions> Change)
{
    /// <summary>The runs that use it.</summary>
    public RecipePart Part { get; private init; } = RecipePart.Every;

    /// <summary>The option <c>--seed</c>. It stands beside <see cref="All"/>, as the card's seed does.</summary>
    public static HyperParameter Seed { get; } = Number("seed", "all random numbers come from it", 0, int.MaxValue,
        o => o.RandomSeed, (o, v) => o with { RandomSeed = v });

    public static IReadOnlyList<HyperParameter> All { get; } =
    [
        .. Of(
            RecipePart.Every,
            Number("hidden-size", "cells of the LSTM", 1, 1024,
                o => o.HiddenSize, (o, v) => o with { HiddenSize = v }),
            Word("initial-values", "how the weights start",
                o => o.InitialValues, (o, v) => o with { InitialValues = v }),
            Number("batch-size", "images per step", 1, 10_000, o => o.BatchSize, (o, v) => o with { BatchSize = v }),
            Number("steps", "updates of the weights, 0 = as many as --epochs needs", 0, 10_000_000,
                o => o.Steps, (o, v) => o with { Steps = v, Epochs = v > 0 ? 0 : o.Epochs }),
            Number("epochs", "passes over the training images, if --steps is 0", 0, 10_000,
                o => o.Epochs, (o, v) => o with { Epochs = v, Steps = v > 0 ? 0 : o.Steps }),
            Number("learning-rate", "peak step size of Adam", 0, 1,
                o => o.LearningRate, (o, v) => o with { LearningRate = v }),
            Word("schedule", "learning rate after the warm-up", o => o.Schedule, (o, v) => o with { Schedule = v }),
            Number("warm-up-steps", "steps over which the learning rate rises", 0, 1_000_000,
                o => o.WarmUpSteps, (o, v) => o with { WarmUpSteps = v }),
            Number("beta1", "Adam's decay of the mean", 0, 0.9999, o => o.Beta1, (o, v) => o with { Beta1 = v }),
            Number("beta2", "Adam's decay of the mean square", 0, 0.99999,
                o => o.Beta2, (o, v) => o with { Beta2 = v }),
            Number("epsilon", "Adam's guard against division by zero", 1e-12, 1,
                o => o.Epsilon, (o, v) => o with { Epsilon = v }),
            Number("weight-decay", "decoupled decay of matrices", 0, 10,
                o => o.WeightDecay, (o, v) => o with { WeightDecay = v }),
            Number("gradient-clip", "largest norm of a gradient, 0 = no limit", 0, 1_000,
                o => o.GradientClip, (o, v) => o with { GradientClip = v }),
            Number("average-decay", "moving average of the weights, 0 = none", 0, 0.99999,
                o => o.AverageDecay, (o, v) => o with { AverageDecay = v }),
            Word("number-format",
                "number format that training computes in, fastest = the processor's fastest",
                o => o.NumberFormat, (o, v) => o with { NumberFormat = v }),
            Number("teachers", "convolutional networks that teach the LSTM, 0 = none", 0, RandomPurpose.MostTeachers,
                o => o.Teachers, (o, v) => o with { Teachers = v }),
            Number("evidence-epochs",
                "last passes over the training images, mixed with pictures without a digit", 0, 10_000,
                o => o.EvidenceEpochs, (o, v) => o with { EvidenceEpochs = v }),
            Word("calibration", "how logits become probabilities",
                o => o.Calibration, (o, v) => o with { Calibration = v }),
            Number("threads", "threads that compute; another number may round differently", 1, 256,
                o => o.Threads, (o, v) => o with { Threads = v })),
        .. Of(
            RecipePart.ShortNumbers,
            Number("float-share", "share of the steps, at the end, that always compute in float32", 0, 1,
                o => o.FloatShare, (o, v) => o with { FloatShare = v })),
        .. Of(
            RecipePart.Labels,
            Number("rotation", "training images are rotated by up to this many degrees", 0, 180,
                o => o.Rotation, (o, v) => o with { Rotation = v }),
            Number("scale", "training images are scaled by up to exp(±this)", 0, 1,
                o => o.Scale, (o, v) => o with { Scale = v }),
            Number("shift", "training images are shifted by up to this many pixels", 0, 28,
                o => o.Shift, (o, v) => o with { Shift = v }),
            Number("log-every", "steps between log lines, 0 = none", 0, 1_000_000,
                o => o.LogEvery, (o, v) => o with { LogEvery = v })),
        .. Of(
            RecipePart.Teachers,
            Number("teacher-epochs", "passes of a teacher over the training images", 1, 1_000,
                o => o.TeacherEpochs, (o, v) => o with { TeacherEpochs = v }),
            Number("views", "views of each image that the teachers label", 1, 64,
                o => o.Views, (o, v) => o with { Views = v }),
            Number("picture-share", "share of the views that look like photos and sketches", 0, 1,
                o => o.PictureShare, (o, v) => o with { PictureShare = v })),
        .. Of(
            RecipePart.TeachersOrEvidence,
            Number("soft-temperature", "divides the logits of teachers and LSTM before comparing them", 0.1, 100,
                o => o.SoftTemperature, (o, v) => o with { SoftTemperature = v }),
            Number("soft-share", "weight of the teachers' answers in the loss", 0, 1,
                o => o.SoftShare, (o, v) => o with { SoftShare = v }),
            Number("matrix-rate", "step of the LSTM's matrices by Muon in learning rates, 0 = by Adam", 0, 10,
                o => o.MatrixRate, (o, v) => o with { MatrixRate = v })),
        .. Of(
            RecipePart.Evidence,
            Number("evidence-rate", "peak learning rate in the evidence epochs", 0, 1,
                o => o.EvidenceRate, (o, v) => o with { EvidenceRate = v }),
            Number("non-digit-pictures", "pictures without a digit to draw", 1, 1_000_000,
                o => o.NonDigitPictures, (o, v) => o with { NonDigitPictures = v }),
            Number("non-digit-share", "share of such pictures in the evidence epochs", 0, 0.9,
                o => o.NonDigitShare, (o, v) => o with { NonDigitShare = v }),
            Number("evidence-weight", "weight of the squared distance of the evidence from its margin", 0, 100,
                o => o.EvidenceWeight, (o, v) => o with { EvidenceWeight = v }),
            Number("digit-margin", "least evidence that a digit should have, nats", -100, 100,
                o => o.DigitMargin, (o, v) => o with { DigitMargin = v }),
            Number("non-digit-margin", "most evidence that a picture without a digit should have, nats", -100, 100,
                o => o.NonDigitMargin, (o, v) => o with { NonDigitMargin = v }),
            Number("unseen-share", "share of the signs left out of training, to measure unseen ones", 0, 0.9,
                o => o.UnseenShare, (o, v) => o with { UnseenShare = v })),
    ];

    private static IEnumerable<HyperParameter> Of(RecipePart part, params HyperParameter[] parameters) =>
        parameters.Select(parameter => parameter with { Part = part });

    /// <summary>The values that a run uses, by name: its card and its checkpoints contain exactly these.</summary>
    public static Dictionary<string, string> Used(TrainingOptions options)
    {
        TrainingOptions used = options with { NumberFormat = options.Format };
        var values = All.Where(p => p.Part.Includes(used)).ToDictionary(p => p.Name, p => p.Read(used));
        if (options.AllowsLoss)
        {
            values["allow-loss"] = "true";
        }

        return values;
    }

    private static HyperParameter Number<T>(
        string name, string description, double min, double max, Func<TrainingOptions, T> get,
        Func<TrainingOptions, T, TrainingOptions> set)
        where T : INumber<T>
    {
        string range = $"{min} to {max}";
        bool isWhole = T.Zero is int;
        return new(name, description, range, o => $"{get(o)}", (o, text) =>
            T.TryParse(text, isWhole ? NumberStyles.AllowLeadingSign : NumberStyles.Float, null, out T? value)
            && double.CreateChecked(value) is { } number && number >= min && number <= max
                ? set(o, value)
                : throw OutOfRange(name, text, $"{(isWhole ? "a whole number" : "a number")} from {range}"));
    }

    private static HyperParameter Word<T>(
        string name, string description, Func<TrainingOptions, T> get, Func<TrainingOptions, T, TrainingOptions> set)
        where T : struct, Enum
    {
        string range = string.Join(" or ", Enum.GetValues<T>().Select(ToWord));
        return new(name, description, range, o => ToWord(get(o)), (o, text) =>
        {
            T[] matches = [.. Enum.GetValues<T>().Where(value => ToWord(value) == text)];
            return matches is [T match] ? set(o, match) : throw OutOfRange(name, text, range);
        });
    }

    private static string ToWord<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static TrainerException OutOfRange(string name, string text, string range) =>
        new($"--{name} is '{text}', but it must be {range}.");
}
