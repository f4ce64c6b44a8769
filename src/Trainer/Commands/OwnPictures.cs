using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Evaluation;
using MnistLstm.Trainer.Onnx;

namespace MnistLstm.Trainer.Commands;

/// <summary>Someone's own labeled pictures, of which some of each digit are held out to measure on.</summary>
/// <param name="All">As the model read them before.</param>
/// <param name="Learned">Which of them are learned from.</param>
/// <param name="HeldOut">Which are not.</param>
internal sealed record OwnPictures(LabeledPictures All, int[] Learned, int[] HeldOut)
{
    /// <summary>One of this many pictures is held out, of all digits alike.</summary>
    private const int PicturesForOneHeldOut = 5;

    public static OwnPictures Split(LabeledPictures all, int seed)
    {
        var order = new DataOrder(all.Digits.Count, seed, RandomPurpose.HeldOutOwnPictures);
        ILookup<bool, int> isHeldOut = order.OfEpoch(0).ToArray()
            .OrderBy(n => all.Digits.Labels[n])
            .Index()
            .ToLookup(place => place.Index % PicturesForOneHeldOut == PicturesForOneHeldOut - 1, place => place.Item);
        return new OwnPictures(all, Learned: [.. isHeldOut[false].Order()], HeldOut: [.. isHeldOut[true].Order()]);
    }

    /// <summary>Tells these pictures from others.</summary>
    public string Sha256() => MnistFile.Hash([.. All.Digits.Pixels, .. All.Digits.Labels]);

    /// <summary>Finds some of the pictures in a folder that was read again and may have more by now.</summary>
    public int[] Find(int[] which, LabeledPictures again)
    {
        Dictionary<string, int> places = [];
        foreach ((int n, string name) in again.Names.Index())
        {
            places[name] = n;
        }

        return [.. which.Select(n => All.Names[n]).Where(places.ContainsKey).Select(name => places[name])];
    }

    /// <summary>How many of some pictures a model reads right, each by the candidate that it chooses itself.</summary>
    public static int CountRight(DigitClassifier classifier, LabeledPictures pictures, ReadOnlySpan<int> which)
    {
        DigitSet chosen = pictures.Digits.Choose(which);
        float[] probabilities = OnnxPredictions.Of(classifier, chosen).Probabilities;
        return ClassificationMetrics.Measure(probabilities, chosen.Labels).Correct;
    }
}
