using System.Globalization;
using MnistLstm.Bench.Pictures;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Errors;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
string[] rest = args is [SavedPictures.Switch or SavedPictures.SheetSwitch or SavedPictures.HandSwitch
    or NumberComparison.Switch, ..] ? args[1..] : args;
int pictures = 200;
int first = 0;
if (rest.Length is 0 or > 4
    || (rest.Length > 1 && !int.TryParse(rest[1], out pictures))
    || (rest.Length > 2 && !int.TryParse(rest[2], out first)))
{
    Console.Error.WriteLine("""
        Usage: Pictures MODEL.onnx [PICTURES_A_STYLE [FIRST_PICTURE [FOLDER_FOR_MISTAKES]]]
               Pictures numbers MODEL.onnx [SHEETS_A_STYLE [FIRST_SHEET [FOLDER_FOR_MISTAKES]]]
               Pictures save FOLDER [PICTURES_A_STYLE [FIRST_PICTURE]]
               Pictures save-sheets FOLDER [SHEETS_A_STYLE [FIRST_SHEET]]
               Pictures save-hand FOLDER [PICTURES_A_DIGIT [FIRST_PICTURE [odd]]]
        """);
    return 2;
}

MnistSource mnist = MnistSource.Find(dataOption: null);
try
{
    await mnist.LoadTrainAsync(default);
}
catch (TrainerException e)
{
    Console.Error.WriteLine(e.Message);
    return e.ExitCode;
}

Environment.SetEnvironmentVariable("MNIST_DIR", mnist.Folder);

if (args[0] == SavedPictures.Switch)
{
    SavedPictures.Save(rest[0], pictures, first);
}
else if (args[0] == SavedPictures.SheetSwitch)
{
    SavedPictures.SaveSheets(rest[0], pictures, first);
}
else if (args[0] == SavedPictures.HandSwitch)
{
    SavedPictures.SaveHand(rest[0], pictures, first, oddDigitsAlone: rest is [.., "odd"]);
}
else if (args[0] == NumberComparison.Switch)
{
    NumberComparison.Run(rest[0], pictures, first, rest.Length > 3 ? rest[3] : null);
}
else
{
    Comparison.Run(rest[0], pictures, first, rest.Length > 3 ? rest[3] : null);
}

return 0;
