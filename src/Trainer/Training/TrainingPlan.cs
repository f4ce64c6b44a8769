using MnistLstm.Trainer.Errors;
using MnistLstm.Trainer.Recipes;

namespace MnistLstm.Trainer.Training;

/// <summary>How long a run is and how fast it learns.</summary>
/// <param name="Recipe">Batch size, and course of the learning rate.</param>
/// <param name="EpochImages">Images an epoch; a batch may reach over its end.</param>
/// <param name="RateOption">The option that sets the learning rate; null where none does.</param>
public sealed record TrainingPlan(TrainingOptions Recipe, int TotalSteps, int EpochImages, string? RateOption)
{
    /// <summary>A plan of epochs that leave out what is less than a batch.</summary>
    /// <exception cref="TrainerException">All images are less than a batch.</exception>
    public static TrainingPlan WholeBatches(
        TrainingOptions recipe, int epochs, int stepsAnEpoch, string? rateOption) => stepsAnEpoch > 0
        ? new(recipe, epochs * stepsAnEpoch, stepsAnEpoch * recipe.BatchSize, rateOption)
        : throw new TrainerException(
            $"There are fewer images to learn from than a batch has ({recipe.BatchSize}).");

    /// <param name="step">Counted from 0.</param>
    public double LearningRate(int step) => Recipes.LearningRate.At(Recipe, step, TotalSteps);

    /// <summary>The advice for a run that diverged.</summary>
    public string Remedies => RateOption is null ? "another --seed" : RemediesOf(Recipe, RateOption);

    /// <summary>
    /// The advice for a run that diverged. <see cref="Native.KernelCheck"/> finds broken kernels before training.
    /// </summary>
    public static string RemediesOf(TrainingOptions recipe, string rateOption)
    {
        string clip = recipe.GradientClip > 0 ? "a lower --gradient-clip" : "a --gradient-clip of 1";
        return $"a lower {rateOption} first, then {clip}, then another --seed";
    }

    /// <summary>Whether the last batch held the last image of an epoch, or was the last of all.</summary>
    /// <param name="step">Steps done.</param>
    public bool EndsEpoch(int step)
    {
        long images = (long)step * Recipe.BatchSize;
        return step == TotalSteps || images / EpochImages > (images - Recipe.BatchSize) / EpochImages;
    }
}
