using MnistLstm.Trainer.Recipes;

namespace MnistLstm.Trainer.Training;

/// <summary>How long a run is and how fast it learns.</summary>
/// <param name="TotalSteps">Updates of the weights.</param>
/// <param name="BatchSize">Images a step.</param>
/// <param name="EpochImages">Images an epoch; a batch may reach over its end.</param>
/// <param name="LearningRate">Of a step, from 0.</param>
/// <param name="Remedies">What to try where the loss is no number, the most likely first.</param>
public sealed record TrainingPlan(int TotalSteps, int BatchSize, int EpochImages, Func<int, double> LearningRate, string Remedies)
{
    /// <summary>The plan of whole batches, where an epoch leaves out the images that fill none.</summary>
    /// <param name="options">Batch size and course of the learning rate.</param>
    /// <param name="epochs">In all.</param>
    /// <param name="stepsAnEpoch">Whole batches.</param>
    /// <param name="remedies">What to try where the loss is no number.</param>
    public static TrainingPlan WholeBatches(TrainingOptions options, int epochs, int stepsAnEpoch, string remedies) => new(
        epochs * stepsAnEpoch,
        options.BatchSize,
        stepsAnEpoch * options.BatchSize,
        step => Recipes.LearningRate.At(options, step, epochs * stepsAnEpoch),
        remedies);

    /// <summary>
    /// What to try where training diverged, the likely causes first; the processor's own mistakes are found before training.
    /// </summary>
    /// <param name="options">The recipe.</param>
    /// <param name="rateOption">The option that sets the learning rate.</param>
    public static string RemediesFor(TrainingOptions options, string rateOption)
    {
        string clip = options.GradientClip > 0 ? "a lower --gradient-clip" : "a --gradient-clip of 1";
        return $"a lower {rateOption} first, then {clip}, then another --seed";
    }

    /// <summary>Whether the last batch held the last image of an epoch, or was the last of all.</summary>
    /// <param name="step">Steps done.</param>
    public bool EndsEpoch(int step)
    {
        long images = (long)step * BatchSize;
        return step == TotalSteps || images / EpochImages > (images - BatchSize) / EpochImages;
    }
}
