using System.CommandLine;
using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Onnx;
using MnistLstm.Trainer.Reports;

namespace MnistLstm.Trainer.Commands;

/// <summary><c>quantize</c>: a model file to one whose LSTM has byte weights.</summary>
public static class QuantizeCommand
{
    public static Command Create()
    {
        Argument<string> model = CommonOptions.Model();
        Option<string> output = CommonOptions.Required("--output", "The file with byte weights.");
        Option<string?> data = CommonOptions.Data();
        var command = new Command("quantize",
            "Convert a model to byte weights, smaller and faster, calibrate it again and measure what that costs.")
        {
            model, output, data,
        };
        command.SetAction(async (arguments, cancellation) =>
        {
            string path = arguments.GetValue(model)!;
            using DigitClassifier original = EvaluateCommand.Load(path);
            CommonOptions.RequireWritable("--output", arguments.GetValue(output)!);
            CommonOptions.RequireOther(arguments.GetValue(output)!, path);
            MnistDataset mnist =
                await ConsoleDisplay.LoadAsync(MnistSource.Find(arguments.GetValue(data)), cancellation);
            WrittenModel written =
                QuantizedModel.Write(original, path, mnist, arguments.GetValue(output)!, cancellation);
            Report(original.Card, written);
        });
        return command;
    }

    /// <summary>Says how good the model is, and what it lost.</summary>
    public static void Report(ModelCard original, WrittenModel written)
    {
        ModelCard card = written.Card;
        Console.WriteLine(
            $"Test accuracy: {ResultText.Describe(card.Test)}; with float weights {original.Test.Correct:N0} right");
        Console.WriteLine(
            $"Validation accuracy: {ResultText.Describe(card.Validation!)}; with float weights "
            + $"{original.Validation?.Correct:N0} right");
        Console.WriteLine(
            $"{card.Quantization!.DifferentDigits:N0} of {card.Test.Images:N0} test digits differ, probabilities by at "
            + $"most {card.Quantization.LargestDifference:F4}");
        if (card.Refused is { } refused)
        {
            Console.WriteLine(ResultText.Describe(refused, card.IsDigitThreshold));
        }

        Console.WriteLine($"Wrote {written.Path} and {ModelWriter.CardPath(written.Path)}: version {card.Version}");
    }
}
