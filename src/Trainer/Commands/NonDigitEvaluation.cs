using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Errors;
using MnistLstm.Trainer.Evaluation;
using MnistLstm.Trainer.Onnx;

namespace MnistLstm.Trainer.Commands;

/// <summary><c>evaluate --not-digits</c>: which pictures of no digit the model takes for one.</summary>
internal static class NonDigitEvaluation
{
    /// <exception cref="TrainerException">The folder cannot be read.</exception>
    public static void Run(DigitClassifier classifier, string folder, CancellationToken cancellation)
    {
        LabeledPictures pictures = LabeledPictures.LoadNonDigits(folder, classifier, cancellation);
        OnnxPredictions predictions = OnnxPredictions.Of(classifier, pictures.Digits, cancellation);
        float[] evidence = IsDigitThreshold.Evidence(predictions.Logits);
        List<int> believed =
        [
            .. Enumerable.Range(0, evidence.Length)
                .Where(n => classifier.Card.IsDigit(predictions.LogitsOf(n), pictures.IsDigit[n]))
                .OrderByDescending(n => evidence[n]),
        ];
        int refused = evidence.Length - believed.Count;
        Console.WriteLine(
            $"{classifier.Name} {classifier.Card.Version} on the pictures in {folder}, which show no digit");
        Console.WriteLine(
            $"Called no digit: {100.0 * refused / evidence.Length:F2} % ({refused:N0} of {evidence.Length:N0})");
        foreach (int n in believed)
        {
            (int digit, float probability) = predictions.DigitOf(n);
            Console.WriteLine(
                $"{pictures.Names[n]}: taken for {digit} ({100 * probability:F1} %, evidence {evidence[n]:F2}, "
                + $"threshold {classifier.Card.IsDigitThreshold:F2})");
        }

        EvaluateCommand.WriteRemarks(pictures);
        Console.WriteLine();
    }
}
