using System.Globalization;
using MnistLstm.Bench.Robustness;
using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Data;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args.Length > 2)
{
    Console.Error.WriteLine("Usage: Robustness [MODEL.onnx [BASELINE.onnx]]");
    return 2;
}

string model = args.Length > 0 ? args[0] : Path.Combine("models", "digits-float.onnx");
string baselineModel = args.Length > 1 ? args[1] : Path.Combine("models", "seed.onnx");
DigitSet test = (await MnistDataset.LoadTestAsync(MnistSource.Find(dataOption: null), default)).Digits;
using DigitClassifier classifier = DigitClassifier.Load(model);
using DigitClassifier baseline = DigitClassifier.Load(baselineModel);
Console.WriteLine("# Robustness");
Console.WriteLine();
Console.WriteLine($"Models {classifier.Name} {classifier.Card.Version} and {baseline.Name} {baseline.Card.Version}.");
Console.WriteLine();
OutOfDistribution.Write(Console.Out, classifier, test);
CorruptionTable.Write(Console.Out, classifier, baseline, test);
SelectiveRiskTable.Write(Console.Out, classifier, test);
return 0;
